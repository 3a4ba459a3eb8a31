import { EsbuildPlugin } from 'esbuild-loader';

export default {
  mode: 'production',
  entry: { page: './src/page.ts' },
  module: {
    rules: [{ test: /\.ts$/, loader: 'esbuild-loader', options: { target: 'es2022' } }],
  },
  // `./x.worker.js` is written as TypeScript wants it, and means the file that it will be compiled from.
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  optimization: { minimizer: [new EsbuildPlugin({ target: 'es2022' })] },
};
