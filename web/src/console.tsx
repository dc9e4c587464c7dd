import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter/wght.css'
import './style/tokens.css'
import './style/base.css'
import './style/motion.css'
import { Console } from './console/shell/console.tsx'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Console />
  </StrictMode>,
)
