export default {
  base: './',
  worker: { format: 'es' },
  build: { outDir: 'own', rollupOptions: { input: 'own.html' } },
};
