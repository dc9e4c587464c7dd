import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // The client comes from its source, so that a change of it shows at once.
  resolve: { conditions: ['@fonechat/source', ...defaultClientConditions] },
  build: { manifest: true, reportCompressedSize: false },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:4000', ws: true }, '/demo': 'http://127.0.0.1:4000' } },
})
