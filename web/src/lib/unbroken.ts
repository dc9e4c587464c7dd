/**
 * Whether a text has a stretch without a space that may take seconds to lay out: where a font has kerning, Chromium shapes all that follows anew for
 * each line. Whoever writes to a channel decides that for everybody’s page. What has `data-unbroken` has no kerning.
 */
export const isUnbroken = (text: string): boolean => /[^ \n\t]{300}/u.test(text)
