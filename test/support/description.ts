/** Beginnings of fragments, such as "Which." and "Where it goes.", which say nothing without the name before them. */
const questionWord = /^((in|for|by|to|of|until|since) )?(who|whom|whose|what|which|where|when|how|as)\b/i

/** Whether a description stands alone: three words or more, no bare question, a full stop. */
export function standsAlone(text: string): boolean {
  return /^\S.*\.$/s.test(text) && text.split(/\s+/).length >= 3 && !questionWord.test(text)
}
