'use client'
import { useEffect, useLayoutEffect } from 'react'

/** `useLayoutEffect`, of which React 18 complains for each component that a server renders, though no effect runs there. */
export function useLayout(...args: Parameters<typeof useLayoutEffect>): void {
  const use = typeof window === 'undefined' ? useEffect : useLayoutEffect
  use(...args)
}
