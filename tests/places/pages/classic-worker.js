/* global lamella, answerWith */
importScripts('/node_modules/lamella/dist/lamella.iife.js', './answer.js');
answerWith(lamella);
