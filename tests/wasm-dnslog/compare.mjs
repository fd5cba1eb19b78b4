// Reads a log in WebAssembly and compares the report with the native one:
// node compare.mjs MODULE.wasm LOG REPORT, where REPORT is what `dnslog-count --all LOG` printed.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const [module, log, report] = process.argv.slice(2);
// The module asks for functions that only describe types to a generator of bindings.
const imports = new Proxy({}, { get: () => new Proxy({}, { get: () => () => 0 }) });
const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)), imports);
// Before bindings are generated, each function has a hash behind its name.
const exported = (name) => {
  const key = Object.keys(instance.exports).find((key) => key.replace(/_[0-9a-f]{16}$/, "") === name);
  return instance.exports[key];
};
const [push, feed, finish, textAt] = ["push", "feed", "finish", "text"].map(exported);

const start = performance.now();
const file = openSync(log);
const piece = Buffer.alloc(1 << 20);
for (;;) {
  const length = readSync(file, piece, 0, piece.length, null);
  if (length === 0) break;
  piece.fill(0, length);
  const words = Math.ceil(length / 4);
  for (let at = 0; at < words; at += 1) push(piece.readUInt32LE(4 * at));
  feed(4 * words - length);
}
closeSync(file);
const length = finish();
const text = Buffer.alloc(length + 4);
for (let at = 0; at < length; at += 4) text.writeUInt32LE(textAt(at) >>> 0, at);

const here = text.subarray(0, length).toString();
const native = readFileSync(report, "utf8");
if (here !== native) {
  const lines = native.split("\n");
  const other = here.split("\n").findIndex((line, at) => line !== lines[at]);
  console.error(`line ${other + 1}: native ${lines[other]}\nWebAssembly ${here.split("\n")[other]}`);
  process.exit(1);
}
console.log(`same report from WebAssembly: ${here.split("\n")[0]} (${Math.round(performance.now() - start)} ms)`);
