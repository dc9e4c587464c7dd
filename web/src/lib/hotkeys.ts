const isApple = typeof navigator === 'object' && /Mac|iPhone|iPad/u.test(navigator.platform)

/** What the page writes for the key that opens the switcher. */
export const switcherKey = isApple ? '⌘K' : 'Ctrl K'

/** Whether a key belongs to an input method that is composing. Safari ends the composition before Enter and tells by the code 229 alone. */
export const isComposing = (event: { nativeEvent: KeyboardEvent }): boolean =>
  event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229
