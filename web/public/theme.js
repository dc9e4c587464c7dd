// Runs before the first paint, as a file of its own since the page allows no inline script.
try {
  const theme = localStorage.getItem('fonechat.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is refused: the theme follows the system.
}
