import { useEffect } from 'react';
import * as lamella from 'lamella';
import { check } from '../check.mjs';

export default function Old() {
  useEffect(() => {
    globalThis.result = () => check(lamella);
  }, []);
  return <p>pages</p>;
}
