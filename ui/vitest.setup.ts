import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

afterEach(cleanup)

// Screens are loaded when they are first opened; a whole page in an error message hides the message.
configure({
  asyncUtilTimeout: 5000,
  getElementError: (message) => new Error((message ?? '').split('\n')[0]),
})

// jsdom knows <dialog> but not its methods.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true
}
HTMLDialogElement.prototype.close = function close() {
  this.open = false
  this.dispatchEvent(new Event('close'))
}
Element.prototype.scrollIntoView = () => {}
HTMLCanvasElement.prototype.getContext = (() => null) as typeof HTMLCanvasElement.prototype.getContext
