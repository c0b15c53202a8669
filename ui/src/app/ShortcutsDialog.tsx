import { useTranslation } from 'react-i18next'
import { Dialog, Kbd } from '../design'
import './shortcuts.css'

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('frame')
  const groups = [
    {
      name: t('keys.general'),
      keys: [
        [['Ctrl K'], t('keys.find')],
        [['?'], t('keys.list')],
        [['Ctrl 1', 'Ctrl 6'], t('keys.places')],
        [['Ctrl L'], t('keys.lock')],
        [['F6'], t('keys.pane')],
        [[t('keys.arrows')], t('keys.rows')],
        [[t('palette.enter')], t('keys.enter')],
        [['Esc'], t('keys.esc')],
      ],
    },
    {
      name: t('keys.visit'),
      keys: [
        [['Alt I'], t('keys.identity')],
        [['Alt C'], t('keys.consent')],
        [['Alt A'], t('keys.start')],
        [['Alt R'], t('keys.report')],
        [['Alt T'], t('keys.phone')],
        [['Ctrl', t('palette.enter')], t('keys.sign')],
      ],
    },
    {
      name: t('keys.teleconsult'),
      keys: [
        [['Alt M'], t('keys.mine')],
        [['Alt N'], t('keys.newRequest')],
        [['Alt I'], t('keys.askInformation')],
        [['Ctrl', t('palette.enter')], t('keys.sendAnswer')],
      ],
    },
    {
      name: t('keys.inCall'),
      keys: [
        [['Ctrl D'], t('keys.microphone')],
        [['Ctrl E'], t('keys.camera')],
        [['Ctrl Shift C'], t('keys.chat')],
        [['Ctrl Shift X'], t('keys.end')],
      ],
    },
  ] as { name: string; keys: [string[], string][] }[]
  return (
    <Dialog title={t('keys.title')} onClose={onClose} testId="shortcuts">
      <div className="keys">
        {groups.map((group) => (
          <section key={group.name}>
            <h3>{group.name}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={what}>
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
