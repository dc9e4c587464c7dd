export { Field } from './field.tsx'
export { Notice } from './notice.tsx'
export { Root, type ComposerState, type RootProps } from './root.tsx'
export { Send } from './send.tsx'
