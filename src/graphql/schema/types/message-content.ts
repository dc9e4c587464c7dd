import type { builder } from '../builder.ts'

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0]

/** What a message says, in the inputs that send, draft or schedule one. */
export function contentFields(t: InputFields) {
  return {
    body: t.string({
      required: true,
      description: 'The text, at most 32 KiB in UTF-8 (50504). It may be empty and must not contain U+0000.',
    }),
    attributes: t.field({
      type: 'JSON',
      required: false,
      description: 'Data of the application, at most 4 KiB as JSON.',
    }),
  }
}
