import * as graph from 'lamella/graph';
import { checkGraph } from '../check.mjs';

console.log(JSON.stringify(await checkGraph(graph)));
