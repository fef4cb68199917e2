// Recognises what people hand over instead of an object file, so that the hint can say what to do.

interface Format {
  start: readonly number[];
  name: string;
  hint: string;
}

function text(start: string): number[] {
  return Array.from(start, (character) => character.charCodeAt(0));
}

const compressed = "Decompress it first";
const source = "Compile it first: clang -target bpf -g -O2 -c";
const bitcode = "Compile without -emit-llvm and without -flto";

const formats: readonly Format[] = [
  { start: [0x1f, 0x8b], name: "gzip data", hint: compressed },
  { start: [0xfd, 0x37, 0x7a, 0x58, 0x5a], name: "xz data", hint: compressed },
  { start: [0x28, 0xb5, 0x2f, 0xfd], name: "zstd data", hint: compressed },
  { start: [0x50, 0x4b, 0x03, 0x04], name: "a zip archive", hint: "Unpack it first" },
  { start: [0x42, 0x43, 0xc0, 0xde], name: "LLVM bitcode", hint: bitcode },
  { start: text("; ModuleID"), name: "LLVM assembly", hint: bitcode },
  { start: text("!<arch>\n"), name: "an ar archive", hint: "Take one object out with ar x" },
  { start: text("#!"), name: "a script", hint: "Give the object, not the script that makes it" },
  { start: text("#include"), name: "C source", hint: source },
  { start: text("// "), name: "C source", hint: source },
  { start: text("/*"), name: "C source", hint: source },
  { start: text("version https://git-lfs"), name: "a Git LFS pointer", hint: "Run git lfs pull" },
  { start: text("<"), name: "a web page or XML", hint: "The download gave a page, not the file" },
  { start: text("f0VMR"), name: "base64 of an ELF file", hint: "Decode it once more" },
];

/** What the bytes look like instead of an ELF file, with a hint for that case; null if unknown. */
export function foreignFormat(bytes: Uint8Array): { name: string; hint: string } | null {
  const found = formats.find(({ start }) => start.every((byte, at) => bytes[at] === byte));
  return found === undefined ? null : { name: found.name, hint: found.hint };
}
