import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.test.config.TestR4Config;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * A stock HAPI FHIR JPA server for R4 on loopback: HAPI's own configuration with its database in memory, its own resource
 * and system providers, and nothing registered beside them. It says where it is on its standard output and runs until killed.
 */
public final class Hapi {
    private Hapi() {}

    public static void main(String[] arguments) throws Exception {
        var context = new AnnotationConfigApplicationContext(TestR4Config.class);
        var fhir = new RestfulServer(context.getBean(FhirContext.class));
        fhir.registerProviders(
                context.getBean("myResourceProvidersR4", ResourceProviderFactory.class).createProviders());
        fhir.registerProvider(context.getBean("mySystemProviderR4"));
        fhir.setPagingProvider(context.getBean(DatabaseBackedPagingProvider.class));
        fhir.setDefaultResponseEncoding(EncodingEnum.JSON);

        var jetty = new Server(new InetSocketAddress("127.0.0.1", 0));
        var servlets = new ServletContextHandler();
        servlets.setContextPath("/");
        servlets.addServlet(new ServletHolder(fhir), "/fhir/*");
        jetty.setHandler(servlets);
        jetty.start();
        int port = ((ServerConnector) jetty.getConnectors()[0]).getLocalPort();
        System.out.println("HAPI FHIR http://127.0.0.1:" + port + "/fhir");
        jetty.join();
    }
}
