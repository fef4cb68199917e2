// Loads the modules that are named: run with --coverage, it tells which lines a file has.

for (const url of Deno.args) await import(url);
