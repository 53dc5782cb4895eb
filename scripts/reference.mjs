// The pages of the reference that have one subject each, from the classes and their doc comments.
import { join } from 'node:path';
import * as lamella from 'lamella';
import ts from 'typescript';

const { layerClasses } = lamella;

const root = join(import.meta.dirname, '..');

/** The option that all layers have. */
const common = 'inputShape';

/** How typedoc links to an exported name, of `lamella` and not of `lamella/worker`. */
const link = (_, name) => `{@linkcode lamella!${name} ${name}}`;

/** A text in one line of a table. */
const inLine = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();

/**
 * Classes as their source describes them: type, text, and the arguments of the constructor by
 * name, each with its type, its text and whether it may be left out.
 */
export function describeClasses(source, classes) {
  const config = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const entry = join(root, 'web/src', source);
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const textOf = (symbol) =>
    ts
      .displayPartsToString(symbol.getDocumentationComment(checker))
      .replace(/^(?:[^]*\n)?- /, '')
      .replace(/\{@link (\w+) ?\}/g, link);
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

  return classes.map(({ type }) => {
    const symbol = exported.find(({ name }) => name === type);
    const place = symbol.valueDeclaration ?? symbol.declarations[0];
    const [constructor] = checker.getTypeOfSymbolAtLocation(symbol, place).getConstructSignatures();
    const parameters = constructor.getParameters();
    const typeOf = (parameter) => checker.getTypeOfSymbolAtLocation(parameter, place);
    const isOptions = (parameter) =>
      (checker.getNonNullableType(typeOf(parameter)).flags & ts.TypeFlags.Object) !== 0;
    const options = parameters.slice(-1).filter(isOptions);
    const named = parameters.filter((parameter) => !options.includes(parameter));
    return {
      type,
      text: textOf(symbol),
      arguments: [
        ...named.map((parameter) => argument(parameter, place)),
        ...options
          .flatMap((parameter) => checker.getPropertiesOfType(typeOf(parameter)))
          .map((property) => argument(property, place)),
      ],
    };
  });
}

/** The layer classes, described. */
export const describeLayers = () => describeClasses('layers/index.ts', layerClasses);

/** The section of a class, which ends with `notes`. */
function section({ type, text, arguments: all }, ...notes) {
  const own = all.filter(({ name }) => name !== common);
  const rows = own.map(
    (each) =>
      `| \`${each.name}\`${each.isOptional ? '' : ' (required)'} | \`${inLine(each.type)}\` | ${inLine(each.text)} |`,
  );
  return [
    `## ${type}`,
    `${text} {@link lamella!${type} All members}.`,
    ...(rows.length > 0
      ? [['| argument | type | meaning |', '| --- | --- | --- |', ...rows].join('\n')]
      : []),
    ...notes,
  ].join('\n\n');
}

const page = (title, intro, sections) => `# ${title}\n\n${[intro, ...sections].join('\n\n')}\n`;

/** The page of the layers. */
export function layersPage() {
  const sections = describeLayers().map((each) => {
    const { onnx, keras = {} } = layerClasses.find(({ type }) => type === each.type);
    const names = Object.keys(keras).map((name) => `\`${name}\``);
    const from = names.length > 0 ? `; comes from Keras's ${names.join(', ')}` : '';
    return section(
      each,
      `${onnx === undefined ? 'Has no ONNX operators' : 'Has ONNX operators'}${from}.`,
    );
  });
  const intro =
    'Arguments of the constructors by their names in configurations and descriptions. All layers take ' +
    `\`${common}\` as well, the shape of a sample going in without the batch, and are then built at once.`;
  return page('Layers', intro, sections);
}

/** The page of the exported classes that extend one, with its own description before them. */
function subjectPage(title, source, base) {
  const classes = Object.values(lamella).filter((each) => each.prototype instanceof base);
  const described = describeClasses(source, classes);
  return page(
    title,
    `They extend ${link('', base.name)}.`,
    described.map((each) => section(each)),
  );
}

/** The pages of the reference by their file names, in order. */
export const referencePages = () => ({
  'layers.md': layersPage(),
  'losses.md': subjectPage('Losses', 'losses.ts', lamella.Loss),
  'optimizers.md': subjectPage('Optimizers', 'optimizers.ts', lamella.Optimizer),
  'schedules.md': subjectPage('Learning rate schedules', 'schedules.ts', lamella.Schedule),
  'metrics.md': subjectPage('Metrics', 'metrics.ts', lamella.Metric),
});
