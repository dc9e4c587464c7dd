/** One kind of reaction to a message, and how many have it. */
export interface ReactionCount {
  readonly reaction: string
  readonly count: number
}

/** A reaction of one user to a message. */
export interface Reaction {
  readonly reaction: string
  /** An identity, or `system` for the backend. */
  readonly identity: string
}

/** U+FE0E and U+FE0F, which ask for a character as text or as an emoji. */
const variationSelectors = /[\ufe0e\ufe0f]/g

/** Characters that emoji are made of. */
const emojiOnly = /^[\p{Emoji}\p{Emoji_Component}]+$/u

/** Those that are shown as text unless U+FE0F or a skin tone follows; the digits of keycaps among them. */
const shownAsText = /(?!\p{Emoji_Presentation})\p{Extended_Pictographic}(?!\p{Emoji_Modifier})|[0-9#*](?=\u20e3)/gu

/** White space and what cannot be seen, but for what joins emoji and spells flags. */
const unseen = /[\p{Z}\p{Cc}]|(?![\u200d\u{e0020}-\u{e007f}])\p{Cf}/u

/** Something that can be seen by itself. */
const seen = /[^\p{M}\u200d\u{e0020}-\u{e007f}]/u

/**
 * The one spelling of a reaction: composed (NFC), an emoji with U+FE0F wherever Unicode wants it, and no other variation selector. Undefined for
 * what is no reaction: nothing that can be seen, white space, controls.
 */
export function spellReaction(text: string): string | undefined {
  const bare = text.normalize('NFC').replace(variationSelectors, '')
  if (unseen.test(bare) || !seen.test(bare)) return undefined
  return emojiOnly.test(bare) ? bare.replace(shownAsText, '$&\ufe0f') : bare
}
