/* global defineEventHandler */
import * as lamella from 'lamella';
import { check } from '../check.mjs';

export default defineEventHandler(() => check(lamella));
