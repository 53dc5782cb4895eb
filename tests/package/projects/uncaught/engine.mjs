import { Dense, init, tensor } from 'lamella';

await init();
new Dense(1, { inputSize: 2 }).forward(tensor([[1, 2, 3]]));
