import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'
import { consoleInDevelopment } from './console-in-development.ts'
import { precompress } from './precompress.ts'

const server = { target: 'http://127.0.0.1:4000' }

export default defineConfig({
  plugins: [react(), precompress(), consoleInDevelopment()],
  // The client comes from its source, so that a change of it shows at once.
  resolve: { conditions: ['@fonechat/source', ...defaultClientConditions] },
  build: {
    manifest: true,
    reportCompressedSize: false,
    // Nothing within the files: the page's policy lets nothing come from `data:`.
    assetsInlineLimit: 0,
  },
  // The server gives the page tokens, and the console its answers, only where Host and Origin are one: neither is rewritten, as the short form of a proxy
  // would.
  server: {
    proxy: {
      '/graphql': { ...server, ws: true },
      '/demo': server,
      '/console/graphql': server,
      '/console/session': server,
      '/readyz': server,
    },
  },
})
