/** Receives Alertmanager's webhooks on 127.0.0.1:9199 and prints a line an alert: what a pager would show. */
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

const server = createServer((request, response) => {
  json(request).then(
    ({ alerts }) => {
      for (const { status, labels, annotations } of alerts)
        console.log(`${request.url} ${status} ${labels.alertname}: ${annotations.summary ?? ''}`)
      response.end()
    },
    () => response.writeHead(400).end(),
  )
})
server.listen(Number(process.argv[2] ?? 9199), '127.0.0.1')
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
