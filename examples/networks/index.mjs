// Published networks in the functional API of lamella/graph. Each is a function of options, all with
// defaults, to { inputs, outputs }, of which a model is made:
//
//   import { init, Model, SGD, SparseCategoricalCrossEntropy } from 'lamella/graph';
//   import { mobileNetV2 } from './networks/index.mjs';
//   await init();
//   const network = mobileNetV2({ inputShape: [3, 96, 96], classes: 5, width: 0.35 });
//   const model = new Model(network, { loss: new SparseCategoricalCrossEntropy(), optimizer: new SGD() });
export { efficientNetB0 } from './efficientnet-b0.mjs';
export { inception, inceptionBlock } from './inception.mjs';
export { mobileNetV1 } from './mobilenet-v1.mjs';
export { mobileNetV2 } from './mobilenet-v2.mjs';
export { mobileNetV3Small } from './mobilenet-v3-small.mjs';
export { resNet18, resNet50 } from './resnet.mjs';
export { squeezeNet } from './squeezenet.mjs';
export { twoHeads } from './two-heads.mjs';
export { uNet } from './u-net.mjs';
