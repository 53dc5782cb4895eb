/**
 * The package's own classes that files name, whose arguments the .npz layout has in snake case. Not from
 * the registries, which know the classes themselves: files are read where there is no engine, too.
 */
const names = new Set(
  (
    'AveragePooling2D BatchNormalization BatchNormalization2D Convolutional Dense Dropout Flatten GELU ' +
    'GlobalAveragePooling2D LayerNormalization LeakyReLU MaxPooling2D PReLU ReLU Reshape Residual ' +
    'Sigmoid Softmax Swish Tanh ' +
    'BinaryCrossEntropy CategoricalCrossEntropy Huber MSE SparseCategoricalCrossEntropy ' +
    'Adam AdamW RMSprop SGD'
  ).split(' '),
);

/** Whether a name is that of a layer, loss or optimizer of the package's own. */
export function isBuiltIn(type: string): boolean {
  return names.has(type);
}
