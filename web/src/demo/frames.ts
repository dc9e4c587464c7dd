import type { Env, Socket } from '@fonechat/client'

/** A frame that passed between a client of this page and the server. */
export interface Frame {
  readonly id: number
  /** Milliseconds since 1970, by this page's clock. */
  readonly at: number
  readonly who: string
  readonly direction: 'sent' | 'received'
  /** What it is, in a few words: `subscribe SendMessage`, `next MessageAdded`. */
  readonly title: string
  /** The frame as JSON, without tokens. */
  readonly text: string
}

const capacity = 120

/** The last frames of the clients of this page. */
export class Frames {
  readonly #listeners = new Set<() => void>()
  #frames: readonly Frame[] = []
  #lastId = 0

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getSnapshot = (): readonly Frame[] => this.#frames

  /** A platform whose sockets are listened to. What is sent and received stays as it is. */
  tap(env: Env, who: string): Env {
    return { ...env, openSocket: (...address) => this.#tapped(env.openSocket(...address), who) }
  }

  #tapped(socket: Socket, who: string): Socket {
    const tapped: Socket = {
      send: (text) => {
        this.#add(who, 'sent', text)
        socket.send(text)
      },
      close: (code, reason) => socket.close(code, reason),
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
    }
    socket.onopen = () => tapped.onopen?.()
    socket.onmessage = (event) => {
      this.#add(who, 'received', String(event.data))
      tapped.onmessage?.(event)
    }
    socket.onclose = (event) => tapped.onclose?.(event)
    socket.onerror = () => tapped.onerror?.()
    return tapped
  }

  #add(who: string, direction: Frame['direction'], text: string): void {
    const frame = readFrame(text)
    if (!frame) return
    this.#lastId += 1
    const made = { id: this.#lastId, at: performance.timeOrigin + performance.now(), who, direction, ...frame }
    this.#frames = [...this.#frames, made].slice(-capacity)
    for (const listener of this.#listeners) listener()
  }
}

function readFrame(text: string): { readonly title: string; readonly text: string } | null {
  try {
    const frame = JSON.parse(text, (name, value: unknown) =>
      /token$/iu.test(name) && typeof value === 'string' ? '…' : value,
    ) as { type?: string; payload?: { query?: string; data?: Record<string, { __typename?: string } | null> } }
    const { type = 'frame', payload } = frame
    const operation = /^\s*(?:query|mutation|subscription)\s+(\w+)/u.exec(payload?.query ?? '')?.[1]
    const [field, value] = Object.entries(payload?.data ?? {})[0] ?? []
    const what = operation ?? value?.__typename ?? field
    return { title: what === undefined ? type : `${type} ${what}`, text: JSON.stringify(frame, null, 2) }
  } catch {
    return null
  }
}
