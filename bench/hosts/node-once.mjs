// Child process of node.mjs for what wants a fresh one.
import { answerCalls } from './answer-calls.mjs';
import { once } from '../once.mjs';

answerCalls(once);
