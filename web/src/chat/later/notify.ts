/** Asks the browser whether it may notify, once the user has asked to be reminded. Where it may not, the page alone says it. */
export function allowNotifications(): void {
  if ('Notification' in globalThis && Notification.permission === 'default') void Notification.requestPermission()
}

/** Notifies where the page is not seen. Several tabs say the same once: of one tag the browser shows the last. */
export function notify(title: string, body: string, tag: string, onClick: () => void): void {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted' || !document.hidden) return
  try {
    const notification = new Notification(title, { body, tag, icon: '/icon.svg' })
    notification.onclick = () => {
      focus()
      onClick()
      notification.close()
    }
  } catch {
    // On phones only a service worker may.
  }
}
