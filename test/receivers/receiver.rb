require 'json'
require 'sinatra'

set :bind, '127.0.0.1'
set :port, ENV['PORT']
set :server, 'webrick'

def process_message(message, to, from)
  File.write(ENV['RECEIVED'], JSON.generate(message: message, to: to, from: from) + "\n", mode: 'a')
  'received message'
end

get '/ip-msg-webhook' do
  if params[:trigger] == 'onMessageSend'
    process_message params[:message], params[:to], params[:from]
  else
    'received message'
  end
end
