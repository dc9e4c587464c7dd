import { createContext, useContext, useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'

type Show = (dialog: ReactNode) => void

const DialogContext = createContext<Show>(() => {})

/** Shows a dialog in place of the one before; null closes it. */
export const useShowDialog = (): Show => useContext(DialogContext)

/** Where the dialog stands that is open: what opened it may be gone by then, since it was deleted elsewhere, and what was written stays. */
export function Dialogs({ children }: { readonly children: ReactNode }) {
  const [path] = useLocation()
  const [shown, setShown] = useState<{ readonly dialog: ReactNode; readonly path: string }>()
  // It is about the view that it was opened in.
  if (shown && shown.path !== path) setShown(undefined)
  return (
    <DialogContext value={(dialog) => setShown({ dialog, path })}>
      {children}
      {shown?.dialog}
    </DialogContext>
  )
}
