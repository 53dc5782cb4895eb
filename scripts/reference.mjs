// The page "Layers" of the reference, from the classes and their doc comments: build/reference/layers.md,
// which typedoc takes in.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { layerClasses } from 'lamella';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

/** The option that all layers have. */
const common = 'inputShape';

/** A text in one line of a table. */
const inLine = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();

/**
 * The layer classes as their sources describe them: type, text, and the arguments of the constructor by
 * name, each with its type, its text and whether it may be left out.
 */
export function describeLayers() {
  const config = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const entry = join(root, 'web/src/layers/index.ts');
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const textOf = (symbol) =>
    ts
      .displayPartsToString(symbol.getDocumentationComment(checker))
      .replace(/^- /, '')
      .replace(/\{@link (\w+) ?\}/g, '`$1`');
  const exported = checker.getExportsOfModule(
    checker.getSymbolAtLocation(program.getSourceFile(entry)),
  );

  /** An argument that a symbol is. */
  const argument = (symbol, place) => {
    const type = checker.getTypeOfSymbolAtLocation(symbol, place);
    const { valueDeclaration: own } = symbol;
    const isOptional =
      (symbol.flags & ts.SymbolFlags.Optional) !== 0 ||
      (ts.isParameter(own) && checker.isOptionalParameter(own));
    return {
      name: symbol.name,
      type: checker.typeToString(checker.getNonNullableType(type)),
      text: textOf(symbol),
      isOptional,
    };
  };

  return layerClasses.map(({ type }) => {
    const symbol = exported.find(({ name }) => name === type);
    const place = symbol.valueDeclaration ?? symbol.declarations[0];
    const [constructor] = checker.getTypeOfSymbolAtLocation(symbol, place).getConstructSignatures();
    const parameters = constructor.getParameters();
    const last = checker.getTypeOfSymbolAtLocation(parameters.at(-1), place);
    return {
      type,
      text: textOf(symbol),
      arguments: [
        ...parameters.slice(0, -1).map((parameter) => argument(parameter, place)),
        ...checker.getPropertiesOfType(last).map((property) => argument(property, place)),
      ],
    };
  });
}

/** The section of a layer. */
function section({ type, text, arguments: all }) {
  const { onnx, keras = {} } = layerClasses.find((each) => each.type === type);
  const names = Object.keys(keras).map((name) => `\`${name}\``);
  const from = names.length > 0 ? `; comes from Keras's ${names.join(', ')}` : '';
  const own = all.filter(({ name }) => name !== common);
  const rows = own.map(
    (each) =>
      `| \`${each.name}\`${each.isOptional ? '' : ' (required)'} | \`${inLine(each.type)}\` | ${inLine(each.text)} |`,
  );
  return [
    `## ${type}`,
    text,
    ...(rows.length > 0
      ? [['| argument | type | |', '| --- | --- | --- |', ...rows].join('\n')]
      : []),
    `${onnx === undefined ? 'Has no ONNX operators' : 'Has ONNX operators'}${from}.`,
  ].join('\n\n');
}

/** The whole page. */
export function layersPage() {
  const sections = describeLayers().map(section);
  const intro =
    'Arguments of the constructors by their names in configurations and descriptions. All layers take ' +
    `\`${common}\` as well, the shape of a sample going in without the batch, and are then built at once.`;
  return `---\ntitle: Layers\n---\n\n${[intro, ...sections].join('\n\n')}\n`;
}

if (basename(process.argv[1]) === 'reference.mjs') {
  mkdirSync(join(root, 'build/reference'), { recursive: true });
  writeFileSync(join(root, 'build/reference/layers.md'), layersPage());
}
