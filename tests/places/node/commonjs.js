import * as lamella from 'lamella';

console.log(await lamella.init());
