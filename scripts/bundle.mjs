// web/src/ -> the JavaScript in dist/, for scripts/build.mjs.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as esbuild from 'esbuild';
import { minify } from 'terser';
import { writeText } from './engine.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const define = { LAMELLA_VERSION: JSON.stringify(version) };
const options = {
  bundle: true,
  target: 'es2022',
  charset: 'utf8', // the engine's bytes are 0.7 kB of brotli less than with escapes
  sourcemap: true,
  logLevel: 'warning',
};

/** Characters of a line, which Node shows whole when an error is not caught. */
const lineLimit = 280;

/**
 * Writes what esbuild has bundled with short names, but for public ones, as a console and a stack show
 * them: Dense and not m. With esbuild's own short names (which cannot spare some) and keepNames, it
 * would be 4 kB of brotli more.
 */
async function writeShort(file, source, map, publicNames) {
  const name = basename(file);
  const short = await minify(
    { [name]: source },
    {
      ecma: 2020,
      module: name !== 'lamella.iife.js',
      mangle: { reserved: publicNames },
      // Bundlers read in annotations what may be left out.
      format: { max_line_len: lineLimit, preserve_annotations: true },
      sourceMap: { content: map, filename: name, url: `${name}.map` },
    },
  );
  // A page may be in any encoding: the mark tells the script's.
  const mark = name === 'lamella.iife.js' ? '\uFEFF' : '';
  writeFileSync(file, mark + short.code);
  writeFileSync(`${file}.map`, short.map);
}

/** For bundles in one piece: what others load on demand is there at once. */
const atOnce = {
  name: 'at-once',
  setup({ onResolve }) {
    onResolve({ filter: /\/on-demand\.js$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, 'at-once.ts'),
    }));
  },
};

/** Builds a script in one piece, without import() and without an address of its own. */
async function bundleScript(entry, file, publicNames, how) {
  const { outputFiles } = await esbuild.build({
    ...options,
    entryPoints: [`web/src/${entry}.ts`],
    outfile: `dist/${file}.js`,
    format: 'iife',
    define: { ...define, 'import.meta.url': 'undefined' },
    plugins: [atOnce],
    write: false,
    minifySyntax: true,
    ...how,
  });
  const [map, script] = outputFiles;
  await writeShort(script.path, script.text, map.text, publicNames);
}

/** Builds the entries that share chunks; gives what esbuild tells of them, and all that they export. */
async function bundleShared() {
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: {
      index: 'web/src/index.ts',
      external: 'web/src/external.ts',
      'worker-client': 'web/src/worker/index.ts',
    },
    outdir: 'build/bundle',
    format: 'esm',
    define,
    splitting: true,
    metafile: true,
    minifySyntax: true,
  });
  const entries = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
  const publicNames = [...new Set(entries.flatMap(({ exports }) => exports))];
  for (const name of readdirSync('build/bundle').filter((name) => name.endsWith('.js'))) {
    const file = `build/bundle/${name}`;
    const target = `dist/${name}`;
    if (/\.(bytes|text)-\w+\.js$/.test(name)) {
      // Texts, of which no error comes: in short lines they would be 4 kB of brotli more.
      copyFileSync(file, target);
      copyFileSync(`${file}.map`, `${target}.map`);
    } else {
      const map = readFileSync(`${file}.map`, 'utf8');
      await writeShort(target, readFileSync(file, 'utf8'), map, publicNames);
    }
  }
  return { metafile, publicNames };
}

/** Builds everything. */
export async function bundle() {
  // Workers' scripts: as files, and as texts for where the file is out of reach.
  for (const [entry, file] of [
    ['runtime/thread', 'thread'],
    ['worker/worker', 'worker'],
  ]) {
    await bundleScript(entry, file, []);
    await writeText(`${file}.text`, readFileSync(`dist/${file}.js`, 'utf8'));
  }
  const { metafile, publicNames } = await bundleShared();
  writeFileSync('build/bundle.json', JSON.stringify(metafile)); // for scripts/size.mjs
  const { exports } = metafile.outputs['build/bundle/index.js'];
  const globalName = 'lamella';
  const footer = { js: `export const {${exports}} = lamella;` };
  await bundleScript('static', 'static', publicNames, { globalName, footer });
  await bundleScript('module', 'module', publicNames, { globalName, footer });
  await bundleScript('static', 'lamella.iife', publicNames, { globalName });
  // For `require`: one file, since node:vm and Jest have no `import()`.
  await esbuild.build({
    ...options,
    entryPoints: ['web/src/index.ts'],
    outfile: 'dist/cjs/index.js',
    format: 'cjs',
    platform: 'node',
    banner: { js: `const here = require('node:url').pathToFileURL(__dirname + '/../').href;` },
    define: { ...define, 'import.meta.url': 'here' },
    plugins: [atOnce],
  });
}
