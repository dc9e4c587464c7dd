import { useEffect, useRef, type PointerEvent } from 'react'

const pressMs = 450
/** A finger that moves so far scrolls. */
const slackPixels = 10

export interface LongPress {
  readonly onPointerDown: (event: PointerEvent) => void
  readonly onPointerMove: (event: PointerEvent) => void
  readonly onPointerUp: () => void
  readonly onPointerCancel: () => void
}

/** Calls `onPress` with what a finger has rested on. By a timer, since iOS has no event for it. */
export function useLongPress(onPress: (target: Element) => void): LongPress {
  const pressed = useRef<{
    readonly timer: ReturnType<typeof setTimeout>
    readonly x: number
    readonly y: number
  } | null>(null)
  const cancel = (): void => {
    if (pressed.current) clearTimeout(pressed.current.timer)
    pressed.current = null
  }
  useEffect(() => cancel, [])
  return {
    onPointerDown: (event) => {
      cancel()
      if (event.pointerType !== 'touch' || !(event.target instanceof Element)) return
      const { target, clientX: x, clientY: y } = event
      pressed.current = { timer: setTimeout(() => onPress(target), pressMs), x, y }
    },
    onPointerMove: ({ clientX, clientY }) => {
      const start = pressed.current
      if (start && Math.hypot(clientX - start.x, clientY - start.y) > slackPixels) cancel()
    },
    onPointerUp: cancel,
    onPointerCancel: cancel,
  }
}
