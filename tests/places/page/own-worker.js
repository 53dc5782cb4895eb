import { registerLayer, Tanh } from 'lamella';
import { serve } from 'lamella/worker';

registerLayer('MyTanh', () => new Tanh());
serve();
