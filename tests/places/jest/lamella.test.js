// Jest's default mode: CommonJS, in a realm of node:vm without import().
const lamella = require('lamella');
const { learn } = require('./learn.js');

test('learns', async () => {
  expect(await learn(lamella)).toBeCloseTo(11, 3);
});
