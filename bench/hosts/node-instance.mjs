// Child process of node.mjs: one Instance.
import { answerCalls } from './answer-calls.mjs';
import { Instance } from '../instance.mjs';

answerCalls(new Instance());
