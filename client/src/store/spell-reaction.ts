/** Characters that emoji are made of. */
const emojiOnly = /^[\p{Emoji}\p{Emoji_Component}]+$/u

/** Those that are shown as text unless U+FE0F or a skin tone follows. */
const shownAsText = /(?!\p{Emoji_Presentation})\p{Extended_Pictographic}(?!\p{Emoji_Modifier})|[0-9#*](?=\u20e3)/gu

/** A reaction as the server spells it, so that what waits is shown with what others have added: an emoji has U+FE0F wherever Unicode wants it. */
export function spellReaction(text: string): string {
  const bare = text.normalize('NFC').replace(/[\ufe0e\ufe0f]/g, '')
  return emojiOnly.test(bare) ? bare.replace(shownAsText, '$&\ufe0f') : bare
}
