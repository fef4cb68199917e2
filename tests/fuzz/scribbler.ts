// A worker that writes over a file as fast as it can until it is terminated. Its address tells all:
// `scribbler.ts?path=/proc/self/fd/7&size=16384`.
const { searchParams } = new URL(import.meta.url);
const size = Number(searchParams.get("size"));
const file = Deno.openSync(searchParams.get("path") ?? "", { write: true });
const word = new Uint32Array(1);
const bytes = new Uint8Array(word.buffer);

for (;;) {
  word[0] = Math.random() < 0.5 ? Math.random() * 64 : Math.random() * 2 ** 32;
  file.seekSync(Math.floor(Math.random() * size / 4) * 4, Deno.SeekMode.Start);
  file.writeSync(bytes);
}
