import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/// Puts FILE.gz beside each file that gets smaller by it: the server sends it as it is.
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    writeBundle({ dir = 'dist' }, bundle) {
      for (const name of Object.keys(bundle)) {
        const file = join(dir, name);
        const plain = readFileSync(file);
        const small = gzipSync(plain, { level: 9 });
        if (small.length < plain.length) writeFileSync(`${file}.gz`, small);
      }
    },
  };
}

const api = process.env.HEADWATER ?? 'http://127.0.0.1:8080';
const paths = ['/api', '/healthz', '/readyz', '/sessions', '/publish', '/events', '/openapi.yaml'];

export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { target: 'es2022', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 400 },
  plugins: [precompress()],
  server: { host: '127.0.0.1', proxy: Object.fromEntries(paths.map((path) => [path, { target: api, ws: true }])) },
});
