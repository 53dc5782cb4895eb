'use client';
import { useEffect } from 'react';
import * as lamella from 'lamella';
import { createWorkerClient } from 'lamella/worker';
import { check, checkClient } from '../check.mjs';

export default function Page() {
  useEffect(() => {
    globalThis.result = () => check(lamella);
    globalThis.inClient = () => checkClient(createWorkerClient);
  }, []);
  return <p>client</p>;
}
