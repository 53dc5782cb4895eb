import { Dense } from 'lamella';

new Dense(1, { inputSize: 2 });
