/** Words of the screen: one catalogue a subject, Italian first. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import * as it from './it'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'frame'
    resources: typeof it
  }
}

export async function startWords() {
  if (i18next.isInitialized) return
  await i18next.use(initReactI18next).init({
    lng: 'it',
    fallbackLng: 'it',
    defaultNS: 'frame',
    resources: { it },
    interpolation: { escapeValue: false },
    initAsync: false,
  })
}
