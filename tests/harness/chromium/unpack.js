// Unpacks what the package brings: `node unpack.js FROM TO`, each `NAME.br` as `NAME`.
const { createReadStream, createWriteStream, readdirSync } = require("node:fs");
const { join } = require("node:path");
const { pipeline } = require("node:stream/promises");
const { createBrotliDecompress } = require("node:zlib");

async function unpack(from, to) {
  for (const name of readdirSync(from).filter((one) => one.endsWith(".br") && !one.startsWith("swiftshader"))) {
    const target = createWriteStream(join(to, name.slice(0, -3)), { mode: 0o755 });
    await pipeline(createReadStream(join(from, name)), createBrotliDecompress(), target);
  }
}

unpack(process.argv[2], process.argv[3]);
