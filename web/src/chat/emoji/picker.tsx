import { EmojiPicker } from 'frimousse'
import { useEffect, useRef } from 'react'
import { resolveEmojis } from './data.ts'
import './picker.css'

/** The emoji picker. Its data comes from the same origin: the default of the library fetches them from elsewhere. */
export default function Picker({
  onPick,
  onClose,
}: {
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}) {
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const close = (event: PointerEvent): void => {
      if (event.target instanceof Node && !panel.current?.parentElement?.contains(event.target)) onClose()
    }
    document.addEventListener('pointerdown', close)
    return () => document.removeEventListener('pointerdown', close)
  }, [onClose])
  return (
    <div
      ref={panel}
      className="emoji"
      role="dialog"
      aria-label="Emoji"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <EmojiPicker.Root
        className="emoji-root"
        columns={8}
        resolveEmojiData={resolveEmojis}
        onEmojiSelect={({ emoji }) => onPick(emoji)}
      >
        <EmojiPicker.Search className="emoji-search" aria-label="Find an emoji" placeholder="Find an emoji" autoFocus />
        <EmojiPicker.Viewport className="emoji-viewport">
          <EmojiPicker.Empty className="emoji-none">No emoji is called that.</EmojiPicker.Empty>
          <EmojiPicker.List
            className="emoji-list"
            components={{
              CategoryHeader: ({ category, ...props }) => (
                <div {...props} className="emoji-category">
                  {category.label}
                </div>
              ),
              // The library counts from 0, and ARIA from 1.
              Row: (props) => <div {...props} aria-rowindex={oneMore(props['aria-rowindex'])} className="emoji-row" />,
              Emoji: ({ emoji, ...props }) => (
                <button
                  type="button"
                  {...props}
                  aria-colindex={oneMore(props['aria-colindex'])}
                  className="emoji-one"
                  data-active={emoji.isActive || undefined}
                >
                  {emoji.emoji}
                </button>
              ),
            }}
          />
        </EmojiPicker.Viewport>
      </EmojiPicker.Root>
    </div>
  )
}

const oneMore = (index: number | undefined): number | undefined => (index === undefined ? undefined : index + 1)
