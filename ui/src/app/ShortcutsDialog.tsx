import { useTranslation } from 'react-i18next'
import { Dialog, Kbd } from '../design'
import { capsOf, KEYS } from './keys'
import './shortcuts.css'

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('frame')
  return (
    <Dialog title={t('keys.title')} onClose={onClose} testId="shortcuts">
      <div className="keys">
        {KEYS.map((group) => (
          <section key={group.name}>
            <h3>{t(`keys.${group.name}`)}</h3>
            <dl>
              {group.keys.map(({ keys, does }) => (
                <div key={does}>
                  <dt>
                    {capsOf(keys, t).map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{t(`keys.${does}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
