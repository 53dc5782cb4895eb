// web/src/ -> the JavaScript in dist/, for scripts/build.mjs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { rolldown } from 'rolldown';
import { minify } from 'terser';
import { writeText } from './engine.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const define = { LAMELLA_VERSION: JSON.stringify(version) };

/** The entries that share chunks, by the names of their files. */
const entries = {
  index: 'web/src/index.ts',
  external: 'web/src/external.ts',
  data: 'web/src/data/index.ts',
  images: 'web/src/images/index.ts',
  graph: 'web/src/graph/index.ts',
  'worker-client': 'web/src/worker/index.ts',
};

/** Entries that programs import beside another one. */
const besides = ['data', 'images'];

/** The script for pages without modules. */
const scriptFile = 'lamella.iife';

/** Characters of a line, which Node, but no browser, shows whole when an error is not caught: six lines of a terminal. */
const lineLimit = 508;

/** For bundles in one piece: what others load on demand is there at once. */
const atOnce = {
  name: 'at-once',
  resolveId: (source, importer) =>
    source.endsWith('/on-demand.js') ? join(importer, '../at-once.ts') : undefined,
  // Other modules loaded on demand belong to other entries, of whose code nothing is left.
  resolveDynamicImport: (source) => ({ id: source, external: true }),
};

/** Bundles what entries are made of: chunks of JavaScript with long names. */
async function bundleEntries(input, output, defined = define) {
  const bundle = await rolldown({
    input,
    platform: 'neutral',
    tsconfig: false,
    plugins: output.codeSplitting === false ? [atOnce] : [],
    transform: { target: 'es2022', define: defined },
  });
  const made = await bundle.generate({ dir: 'dist', sourcemap: 'hidden', ...output });
  await bundle.close();
  return made.output.filter(({ type }) => type === 'chunk');
}

/**
 * Writes a chunk with short names, but for public ones, as a console and a stack show them: Dense and
 * not m. With the short names of esbuild or Rolldown, which cannot spare some, and their keepNames, it
 * would be 4 kB of brotli more.
 */
async function writeShort({ code, map }, file, publicNames) {
  const name = basename(file);
  const isScript = name === `${scriptFile}.js`;
  // Texts, of which no error comes, would be 4 kB of brotli more in short lines.
  const hasLines = !isScript && !/\.(bytes|text)-/.test(name);
  const short = await minify(
    { [name]: code },
    {
      ecma: 2020,
      module: !isScript,
      // More than 5 passes change nothing; 3 are 0.1 kB of brotli more, and so are comparisons with constants in front.
      compress: { passes: 5, lhs_constants: false },
      mangle: { reserved: publicNames },
      format: {
        // Lines end where statements do: an uncaught error shows one, and longer lines, which are
        // broken anywhere, are few. With semicolons they would be 0.2 kB of brotli more.
        semicolons: !hasLines,
        max_line_len: hasLines && lineLimit,
        // Bundlers read in annotations what may be left out.
        preserve_annotations: true,
      },
      sourceMap: { content: map?.toString(), filename: name, url: `${name}.map` },
    },
  );
  // A page may be in any encoding: the mark tells the script's.
  const mark = isScript ? '\uFEFF' : '';
  // On a line of its own: publint looks there for what makes a file a module.
  writeFileSync(file, mark + short.code.replace(/(?<=\})export\{/, '\nexport{'));
  writeFileSync(`${file}.map`, short.map);
}

/**
 * The code of a module as that of a script, which defines `lamella`. Exports become the properties of a literal,
 * where functions and classes that terser puts there have names: `exports.Dense = class {}` has none.
 */
function toScript(code) {
  const end = code.lastIndexOf('export {');
  const exported = code.slice(end).replace('export', 'return');
  return `var lamella = (() => {${code.slice(0, end)}${exported.replace(/([^\s,]+) as ([^\s,]+)/g, '$2: $1')}})();`;
}

/** Builds an entry in one piece, without import() and without an address of its own. */
async function bundleWhole(entry, file, publicNames, format) {
  const [{ code, map, dynamicImports }] = await bundleEntries(
    `web/src/${entry}.ts`,
    // Nothing of its exports changes once it has run.
    { format, codeSplitting: false, externalLiveBindings: false, esModule: false },
    { ...define, 'import.meta.url': 'undefined' },
  );
  if (dynamicImports.length > 0) {
    throw new Error(`${entry} is not in one piece: it imports ${dynamicImports}`);
  }
  const isLibrary = file === scriptFile;
  await writeShort(
    { code: isLibrary ? toScript(code) : code, map },
    `dist/${file}.js`,
    publicNames,
  );
}

/** The modules that a module imports at once, itself first, and those that they import. */
function reach(id, graph, reached = new Set()) {
  if (reached.has(id)) return reached;
  reached.add(id);
  for (const imported of graph.getModuleInfo(id).importedIds) reach(imported, graph, reached);
  return reached;
}

/**
 * The chunk of a module of the main entry: one for what `lamella/worker` has too, one for the rest.
 * A chunk for each set of entries, as bundlers make them, would be eight files and 2 kB of brotli more.
 */
function chunkName(id, graph) {
  const has = (entry) => reach(resolve(entries[entry]), graph).has(id);
  if (!has('index')) return null;
  return has('worker-client') ? 'base' : 'main';
}

/** Builds the entries that share chunks; gives these, as Rolldown has made them. */
async function bundleShared() {
  const chunks = await bundleEntries(entries, {
    format: 'es',
    chunkFileNames: '[name]-[hash:6].js',
    hashCharacters: 'base36',
    // The entries export by these names: with other ones in between they are told twice, 0.3 kB of brotli.
    minifyInternalExports: false,
    codeSplitting: { groups: [{ name: chunkName, debugName: 'main entry' }] },
  });
  // Names of `lamella/data`, such as "map", are short enough, and names of other things elsewhere.
  const exported = chunks
    .filter(({ isEntry, name }) => isEntry && !besides.includes(name))
    .flatMap((chunk) => chunk.exports);
  // Of these the entries export the types alone.
  const publicNames = [...exported, 'RemoteModel', 'RemoteTensor', 'WorkerClient'];
  for (const chunk of chunks) {
    await writeShort(
      chunk,
      `dist/${chunk.fileName}`,
      besides.includes(chunk.name) ? chunk.exports : publicNames,
    );
  }
  return { chunks, publicNames };
}

/**
 * Builds the files that `require` gets: one for each entry, since node:vm and Jest have no `import()`, and those that
 * they share, since programs tell objects of both entries by these classes.
 */
async function bundleCommon() {
  const shared = ['runtime/errors', 'data/array-dataset'];
  // lamella/images is made of what lamella exports.
  for (const entry of ['index', 'data/index', 'images/index', ...shared]) {
    const file = `dist/cjs/${entry}.js`;
    const setup = ({ onResolve }) => {
      onResolve({ filter: /\/on-demand\.js$/ }, ({ path, importer }) => ({
        path: atOnce.resolveId(path, importer),
      }));
      // Layers are told by their class, too.
      onResolve({ filter: /^\.\.(\/\.\.)?\/index\.js$/ }, () => ({
        path: '../index.js',
        external: true,
      }));
      for (const name of shared) {
        const path = relative(dirname(file), `dist/cjs/${name}.js`);
        onResolve({ filter: new RegExp(`/${basename(name)}\\.js$`) }, () => ({
          path: path.startsWith('.') ? path : `./${path}`,
          external: true,
        }));
      }
    };
    await esbuild.build({
      bundle: true,
      target: 'es2022',
      charset: 'utf8',
      sourcemap: true,
      logLevel: 'warning',
      entryPoints: [`web/src/${entry}.ts`],
      outfile: file,
      format: 'cjs',
      platform: 'node',
      // Of functions of one name in different files it numbers all but one.
      keepNames: true,
      banner: {
        js: `const here = require('node:url').pathToFileURL(__dirname + '/${relative(dirname(file), 'dist')}/').href;`,
      },
      define: { ...define, 'import.meta.url': 'here' },
      plugins: [{ name: atOnce.name, setup }],
    });
  }
}

/** Builds everything. */
export async function bundle() {
  // Workers' scripts: as files, and as texts for where the file is out of reach.
  for (const [entry, file] of [
    ['runtime/thread', 'thread'],
    ['worker/worker', 'worker'],
  ]) {
    await bundleWhole(entry, file, [], 'iife');
    await writeText(`${file}.text`, readFileSync(`dist/${file}.js`, 'utf8'));
  }
  const { chunks, publicNames } = await bundleShared();
  const imports = chunks.map(({ fileName, facadeModuleId, imports }) => ({
    fileName,
    source: facadeModuleId,
    imports,
  }));
  mkdirSync('build', { recursive: true });
  writeFileSync('build/bundle.json', JSON.stringify(imports)); // for scripts/size.mjs
  await bundleWhole('static', 'static', publicNames, 'es');
  await bundleWhole('module', 'module', publicNames, 'es');
  await bundleWhole('static', scriptFile, publicNames, 'es');
  await bundleCommon();
}
