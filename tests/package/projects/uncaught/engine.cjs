const { Dense, init, tensor } = require('lamella');

init().then(() => new Dense(1, { inputSize: 2 }).forward(tensor([[1, 2, 3]])));
