// Application Insights takes no OTLP itself: a collector, reached from inside the environment alone, hands it on.
param name string
param location string
param environmentId string
param workspaceId string
param image string = 'otel/opentelemetry-collector-contrib:0.130.0'

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaceId
  }
}

resource collector 'Microsoft.App/containerApps@2025-07-01' = {
  name: '${name}-collector'
  location: location
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: false, targetPort: 4318, transport: 'http', allowInsecure: false }
      secrets: [{ name: 'insights', value: insights.properties.ConnectionString }]
    }
    template: {
      containers: [
        {
          name: 'collector'
          image: image
          args: ['--config=env:COLLECTOR_CONFIG']
          env: [
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', secretRef: 'insights' }
            {
              name: 'COLLECTOR_CONFIG'
              value: '''
receivers: {otlp: {protocols: {http: {endpoint: "0.0.0.0:4318"}}}}
processors: {batch: {}}
exporters: {azuremonitor: {connection_string: "${env:APPLICATIONINSIGHTS_CONNECTION_STRING}"}}
service:
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [azuremonitor]}
    metrics: {receivers: [otlp], processors: [batch], exporters: [azuremonitor]}
'''
            }
          ]
          resources: { cpu: json('0.25'), memory: '0.5Gi' }
        }
      ]
      scale: { minReplicas: 1, maxReplicas: 1 }
    }
  }
}

output url string = 'https://${collector.properties.configuration.ingress.fqdn}'
