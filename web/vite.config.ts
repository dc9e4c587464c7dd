import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'
import { precompress } from './precompress.ts'

export default defineConfig({
  plugins: [react(), precompress()],
  // The client comes from its source, so that a change of it shows at once.
  resolve: { conditions: ['@fonechat/source', ...defaultClientConditions] },
  // Nothing within the files: the page's policy lets nothing come from `data:`.
  build: { manifest: true, reportCompressedSize: false, assetsInlineLimit: 0 },
  // The server gives the page tokens only where Host and Origin are one: neither is rewritten, as the short form of a proxy would.
  server: {
    proxy: { '/graphql': { target: 'http://127.0.0.1:4000', ws: true }, '/demo': { target: 'http://127.0.0.1:4000' } },
  },
})
